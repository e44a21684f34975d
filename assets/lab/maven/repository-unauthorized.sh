# class: permission-error
# tool: maven
# ecosystem: jvm
# step: Resolve artifacts
# needs: apt:maven
# proof: 401 Unauthorized
cat >../repo.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Repository(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(401, "Unauthorized")
        self.send_header("WWW-Authenticate", 'Basic realm="Repository Manager"')
        self.send_header("Content-Length", "0")
        self.end_headers()


ThreadingHTTPServer(("127.0.0.1", 18096), Repository).serve_forever()
END
timeout 90 python3 ../repo.py >/dev/null 2>&1 &
cat >settings.xml <<'END'
<settings>
  <mirrors>
    <mirror><id>releases</id><mirrorOf>*</mirrorOf><url>http://127.0.0.1:18096/maven-releases</url></mirror>
  </mirrors>
</settings>
END
cat >pom.xml <<'END'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <parent>
    <groupId>com.tugboat</groupId>
    <artifactId>platform-bom</artifactId>
    <version>7.0.1</version>
  </parent>
  <artifactId>tariff-engine</artifactId>
</project>
END
rm -rf "$HOME/.m2/repository/com/tugboat"
#%% step
mvn -B -s settings.xml -ntp package
