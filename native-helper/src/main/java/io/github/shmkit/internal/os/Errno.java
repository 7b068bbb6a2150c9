package io.github.shmkit.internal.os;

import com.sun.jna.platform.linux.ErrNo;
import java.lang.reflect.Field;
import java.util.Map;
import java.util.TreeMap;

/** Error numbers, see errno(3). */
public final class Errno {
    public static final int EPERM = ErrNo.EPERM;
    public static final int ENOENT = ErrNo.ENOENT;
    public static final int ESRCH = ErrNo.ESRCH;
    public static final int EINTR = ErrNo.EINTR;
    public static final int EAGAIN = ErrNo.EAGAIN;
    public static final int EBUSY = ErrNo.EBUSY;
    public static final int ENOMEM = ErrNo.ENOMEM;
    public static final int EMFILE = ErrNo.EMFILE;
    public static final int ENOTDIR = ErrNo.ENOTDIR;
    public static final int EACCES = ErrNo.EACCES;
    public static final int EEXIST = ErrNo.EEXIST;
    public static final int EINVAL = ErrNo.EINVAL;
    public static final int ENOSPC = ErrNo.ENOSPC;
    public static final int EROFS = ErrNo.EROFS;
    public static final int ENAMETOOLONG = ErrNo.ENAMETOOLONG;
    public static final int ENOSYS = ErrNo.ENOSYS;
    public static final int EIDRM = ErrNo.EIDRM;

    private static final Map<Integer, String> NAMES = new TreeMap<>();

    static {
        for (Field field : ErrNo.class.getFields()) {
            try {
                NAMES.putIfAbsent(field.getInt(null), field.getName());
            } catch (IllegalAccessException e) {
                throw new AssertionError("interface fields are public", e);
            }
        }
    }

    private Errno() {}

    /** For example "ENOENT"; the number itself where it has no name. */
    public static String name(int errno) {
        return NAMES.getOrDefault(errno, Integer.toString(errno));
    }

    /** For example "ENOENT (No such file or directory)". */
    public static String describe(int errno) {
        return name(errno) + " (" + Libc.strerror(errno) + ")";
    }
}
