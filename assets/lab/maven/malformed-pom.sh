# class: configuration-error
# tool: maven
# ecosystem: jvm
# step: Package
# needs: apt:maven apt:default-jdk-headless
# proof: Malformed POM
printf '<project xmlns="http://maven.apache.org/POM/4.0.0">\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>org.example</groupId>\n  <artifactId>outbox</artifactId>\n  <version>1.2.0</version>\n  <dependencys>\n  </dependencys>\n</project>\n' >pom.xml
#%% step
mvn -B package
