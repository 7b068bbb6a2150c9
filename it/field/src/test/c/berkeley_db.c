/* berkeley_db FOLDER KEY: a process of a transactional environment puts a key, and reads it back. */
#include <db.h>
#include <stdio.h>
#include <string.h>

static int fail(const char *what, int error)
{
    fprintf(stderr, "%s: %s\n", what, db_strerror(error));
    return 1;
}

int main(int argc, char **argv)
{
    DB_ENV *env;
    DB *db;
    DBT key = {0}, value = {0}, found = {0};
    int error;

    if (argc != 3 || db_env_create(&env, 0) != 0)
        return 2;
    key.data = value.data = argv[2];
    key.size = value.size = (u_int32_t)strlen(argv[2]);
    if ((error = env->open(env, argv[1], DB_CREATE | DB_INIT_MPOOL | DB_INIT_LOCK | DB_INIT_LOG | DB_INIT_TXN, 0600)) != 0)
        return fail("open", error);
    if ((error = db_create(&db, env, 0)) != 0 ||
        (error = db->open(db, NULL, "data", NULL, DB_BTREE, DB_CREATE | DB_AUTO_COMMIT, 0600)) != 0)
        return fail("open data", error);
    if ((error = db->put(db, NULL, &key, &value, DB_AUTO_COMMIT)) != 0)
        return fail("put", error);
    if ((error = db->get(db, NULL, &key, &found, 0)) != 0)
        return fail("get", error);
    db->close(db, 0);
    env->close(env, 0);
    return 0;
}
