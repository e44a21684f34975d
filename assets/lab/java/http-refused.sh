# class: network-error
# tool: java-http
# ecosystem: jvm
# step: Load reference data
# needs: apt:openjdk-17-jdk-headless
# proof: java.net.ConnectException
printf 'import java.net.URI;\nimport java.net.http.HttpClient;\nimport java.net.http.HttpRequest;\nimport java.net.http.HttpResponse;\n\npublic class Load {\n    public static void main(String[] args) throws Exception {\n        var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:8938/rates")).build();\n        System.out.println("loading rates");\n        HttpClient.newHttpClient().send(request, HttpResponse.BodyHandlers.ofString());\n    }\n}\n' >Load.java
#%% step
java Load.java
