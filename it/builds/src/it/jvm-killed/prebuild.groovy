io.github.shmkit.it.Verification.prepare(basedir, context)
