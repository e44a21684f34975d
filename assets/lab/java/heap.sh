# class: resource-exhaustion
# tool: jvm
# ecosystem: jvm
# step: Generate report
# needs: apt:openjdk-17-jdk-headless
# proof: java.lang.OutOfMemoryError: Java heap space
cat >Report.java <<'END'
import java.util.ArrayList;
import java.util.List;

public class Report {
    public static void main(String[] args) {
        List<long[]> months = new ArrayList<>();
        for (int month = 1; month <= 240; month++) {
            System.out.printf("month %d%n", month);
            months.add(new long[1_000_000]);
        }
        System.out.println(months.size());
    }
}
END
javac Report.java
#%% step
java -Xmx96m -cp . Report
