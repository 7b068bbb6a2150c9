io.github.shmkit.it.Verification.verify(basedir, context) {
    it.logSays 'The forked VM terminated without properly saying goodbye'
    it.logMatches 'shmkit: removed 3 objects \\(.*: MMAP_FILE, POSIX_SHM, SYSV_SHM\\) that test JVM 1 of this build left'
    it.logDoesNotSay 'shmkit: could not'
}
