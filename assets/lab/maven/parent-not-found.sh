# class: dependency-error
# tool: maven
# ecosystem: jvm
# step: Build with Maven
# needs: apt:maven
# proof: Non-resolvable parent POM for com.harbor:manifest-service
mkdir ../repo
(cd ../repo && timeout 90 python3 -m http.server --bind 127.0.0.1 18095 >/dev/null 2>&1 &)
cat >settings.xml <<'END'
<settings>
  <mirrors>
    <mirror><id>internal</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:18095/maven2</url></mirror>
  </mirrors>
</settings>
END
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>com.harbor</groupId>
    <artifactId>service-parent</artifactId>
    <version>14.2.0</version>
  </parent>
  <artifactId>manifest-service</artifactId>
</project>
END
rm -rf "$HOME/.m2/repository/com/harbor"
#%% step
mvn -B -s settings.xml verify
