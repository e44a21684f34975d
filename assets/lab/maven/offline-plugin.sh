# class: dependency-error
# tool: maven
# ecosystem: jvm
# step: Package
# needs: apt:maven apt:default-jdk-headless
# proof: Cannot access central (https://repo.maven.apache.org/maven2) in offline mode
mkdir -p src/main/java
printf '<project xmlns="http://maven.apache.org/POM/4.0.0">\n  <modelVersion>4.0.0</modelVersion>\n  <groupId>org.example</groupId>\n  <artifactId>outbox</artifactId>\n  <version>1.2.0</version>\n  <properties>\n    <maven.compiler.release>17</maven.compiler.release>\n  </properties>\n</project>\n' >pom.xml
printf 'class Outbox {\n}\n' >src/main/java/Outbox.java
#%% step
mvn -B -o package
