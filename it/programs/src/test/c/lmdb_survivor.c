/* lmdb_survivor FOLDER: reads and writes an environment that another process may have died in. */
#include <lmdb.h>
#include <stdio.h>

static int fail(const char *what, int error)
{
    fprintf(stderr, "%s: %s\n", what, mdb_strerror(error));
    return 1;
}

int main(int argc, char **argv)
{
    MDB_val word = {4, "word"};
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi db;
    MDB_stat stat;
    int error;

    if (argc != 2 || mdb_env_create(&env) != 0)
        return 2;
    if ((error = mdb_env_open(env, argv[1], 0, 0600)) != 0)
        return fail("open", error);
    if ((error = mdb_txn_begin(env, NULL, MDB_RDONLY, &txn)) != 0 || (error = mdb_dbi_open(txn, NULL, 0, &db)) != 0 ||
        (error = mdb_stat(txn, db, &stat)) != 0)
        return fail("read", error);
    mdb_txn_abort(txn);
    printf("%zu entries\n", stat.ms_entries);
    if ((error = mdb_txn_begin(env, NULL, 0, &txn)) != 0 || (error = mdb_put(txn, db, &word, &word, 0)) != 0 ||
        (error = mdb_txn_commit(txn)) != 0)
        return fail("write", error);
    mdb_env_close(env);
    return 0;
}
