# class: build-failure
# tool: ant
# ecosystem: jvm
# step: Build
# needs: apt:ant apt:openjdk-17-jdk-headless
# proof: error: incompatible types: String cannot be converted to BigDecimal
cat >build.xml <<'END'
<project name="ledger-export" default="compile">
  <target name="compile">
    <mkdir dir="build/classes"/>
    <javac srcdir="src" destdir="build/classes" includeantruntime="false" release="11"/>
  </target>
</project>
END
mkdir src
cat >src/Row.java <<'END'
import java.math.BigDecimal;

class Row {
    final BigDecimal amount;

    Row(String line) {
        this.amount = line.split(";")[2];
    }
}
END
#%% step
ant
