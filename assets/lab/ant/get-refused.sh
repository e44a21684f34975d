# class: network-error
# tool: ant
# ecosystem: jvm
# step: Fetch schemas
# needs: apt:ant apt:openjdk-17-jdk-headless
# proof: java.net.ConnectException: Connection refused
printf '<project name="schemas" default="fetch">\n  <target name="fetch">\n    <get src="http://127.0.0.1:8931/schemas/order.xsd" dest="order.xsd"/>\n  </target>\n</project>\n' >build.xml
#%% step
ant fetch
