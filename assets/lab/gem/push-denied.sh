# class: permission-error
# tool: gem
# ecosystem: ruby
# step: Publish gem
# needs: apt:ruby
# proof: You do not have permission to push to this gem
cat >../gems.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Gems(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b"You do not have permission to push to this gem. Ask an owner to add you with: gem owner tide_tables --add ci@example.com"
        self.send_response(403)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


ThreadingHTTPServer(("127.0.0.1", 18181), Gems).serve_forever()
END
timeout 60 python3 ../gems.py >/dev/null 2>&1 &
sleep 1
cat >tide_tables.gemspec <<'END'
Gem::Specification.new do |spec|
  spec.name = "tide_tables"
  spec.version = "3.2.0"
  spec.summary = "Tide tables of small harbors"
  spec.authors = ["Harbor"]
  spec.license = "MIT"
  spec.homepage = "https://tides.example"
  spec.required_ruby_version = ">= 2.7"
  spec.files = []
end
END
#%% step
gem build --quiet tide_tables.gemspec
GEM_HOST_API_KEY=ci-key gem push --host http://127.0.0.1:18181 tide_tables-3.2.0.gem
