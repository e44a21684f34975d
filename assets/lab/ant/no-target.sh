# class: configuration-error
# tool: ant
# ecosystem: jvm
# step: Build
# needs: apt:ant apt:openjdk-17-jdk-headless
# proof: Target "dist" does not exist in the project "ledger-export"
cat >build.xml <<'END'
<project name="ledger-export" default="jar">
  <target name="compile">
    <mkdir dir="build/classes"/>
    <javac srcdir="src" destdir="build/classes" includeantruntime="false"/>
  </target>
  <target name="jar" depends="compile">
    <jar destfile="build/ledger-export.jar" basedir="build/classes"/>
  </target>
</project>
END
mkdir src
#%% step
ant -noinput dist
