# class: test-failure
# tool: locust
# ecosystem: python
# step: Load test
# needs: pip:locust==2.42.1
# proof: CatchResponseError('slower than 200 ms')
cat >../api.py <<'END'
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        time.sleep(0.4)
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")


ThreadingHTTPServer(("127.0.0.1", 18184), Api).serve_forever()
END
timeout 90 python3 ../api.py >/dev/null 2>&1 &
cat >locustfile.py <<'END'
from locust import HttpUser, constant, task


class Planner(HttpUser):
    host = "http://127.0.0.1:18184"
    wait_time = constant(1)

    @task
    def berths(self):
        with self.client.get("/berths", catch_response=True) as answer:
            if answer.elapsed.total_seconds() > 0.2:
                answer.failure("slower than 200 ms")
END
#%% step
locust --headless --users 3 --spawn-rate 3 --run-time 5s --only-summary
