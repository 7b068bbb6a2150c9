# needs: java
cat > Leak.java <<JAVA
import java.nio.channels.FileChannel;
import java.nio.file.*;
public class Leak {
    public static void main(String[] args) throws Exception {
        try (FileChannel file = FileChannel.open(Path.of(args[0]), StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
            file.map(FileChannel.MapMode.READ_WRITE, 0, 8192).putInt(0, 42);
        }
        Runtime.getRuntime().halt(0);
    }
}
JAVA
java -XX:TieredStopAtLevel=1 -XX:+UseSerialGC Leak.java "/dev/shm/$TAG-mapped"
