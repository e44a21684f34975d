# class: permission-error
# tool: javac
# ecosystem: jvm
# step: Compile
# needs: apt:openjdk-17-jdk-headless
# user: nobody
# proof: error: error while writing Gate:
mkdir classes
chmod 555 classes
printf 'class Gate {\n    int open;\n}\n' >Gate.java
#%% step
javac -d classes Gate.java
