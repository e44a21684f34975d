# class: network-error
# tool: maven
# ecosystem: jvm
# step: Compile
# needs: apt:maven
# proof: Connection refused
cat >settings.xml <<'END'
<settings>
  <mirrors>
    <mirror><id>proxy</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:18176/maven-public</url></mirror>
  </mirrors>
</settings>
END
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>com.pilotage</groupId>
    <artifactId>pilotage-parent</artifactId>
    <version>3.3.0</version>
  </parent>
  <artifactId>roster-service</artifactId>
</project>
END
rm -rf "$HOME/.m2/repository/com/pilotage"
#%% step
mvn -B -ntp -s settings.xml compile
