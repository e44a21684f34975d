# class: timeout
# tool: gunicorn
# ecosystem: python
# step: Smoke test service
# needs: pip:gunicorn==23.0.0 apt:curl
# proof: [CRITICAL] WORKER TIMEOUT
cat >app.py <<'END'
import time


def app(environ, start_response):
    time.sleep(30)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]
END
#%% step
gunicorn --bind 127.0.0.1:18172 --timeout 3 app:app &
server=$!
trap 'kill $server' EXIT
sleep 2
curl --fail --silent --show-error http://127.0.0.1:18172/report
