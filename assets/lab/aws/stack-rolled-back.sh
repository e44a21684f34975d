# class: deployment-failure
# tool: aws
# ecosystem: cloud
# step: Wait for stack update
# needs: pip:awscli==1.42.70
# proof: Waiter StackUpdateComplete failed
# proof: UPDATE_ROLLBACK_COMPLETE
cat >../cloudformation.py <<'END'
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

STACK = b"""<DescribeStacksResponse xmlns="http://cloudformation.amazonaws.com/doc/2010-05-15/"><DescribeStacksResult><Stacks><member>
<StackName>berth-api-prod</StackName><CreationTime>2024-05-01T10:00:00Z</CreationTime><StackStatus>UPDATE_ROLLBACK_COMPLETE</StackStatus>
<StackStatusReason>The following resource(s) failed to update: [ApiService].</StackStatusReason>
</member></Stacks></DescribeStacksResult></DescribeStacksResponse>"""


class Api(BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.send_header("Content-Type", "text/xml")
        self.send_header("Content-Length", str(len(STACK)))
        self.end_headers()
        self.wfile.write(STACK)


ThreadingHTTPServer(("127.0.0.1", 18146), Api).serve_forever()
END
timeout 90 python3 ../cloudformation.py >/dev/null 2>&1 &
sleep 1
#%% step
export AWS_ACCESS_KEY_ID=ci AWS_SECRET_ACCESS_KEY=ci AWS_DEFAULT_REGION=eu-north-1 AWS_EC2_METADATA_DISABLED=true
aws --endpoint-url http://127.0.0.1:18146 cloudformation describe-stacks --stack-name berth-api-prod --query 'Stacks[0].[StackName,StackStatusReason]' --output text
aws --endpoint-url http://127.0.0.1:18146 cloudformation wait stack-update-complete --stack-name berth-api-prod
