# class: resource-exhaustion
# tool: java
# ecosystem: jvm
# step: Generate report
# needs: apt:default-jdk-headless
# proof: java.lang.OutOfMemoryError: Java heap space
mkdir -p src
cat >src/Report.java <<'END'
import java.util.ArrayList;
import java.util.List;

public class Report {
    record Call(long id, byte[] manifest) {}

    public static void main(String[] args) {
        List<Call> calls = new ArrayList<>();
        for (long id = 1; ; id++) {
            calls.add(new Call(id, new byte[64 * 1024]));
            if (id % 250 == 0) System.out.println("read " + id + " calls");
        }
    }
}
END
#%% step
java -Xmx48m src/Report.java
