# class: security-scan-failure
# tool: checkov
# ecosystem: cloud
# step: Scan infrastructure
# needs: pip:checkov==3.2.493
# proof: FAILED for resource: aws_security_group.berths
# proof: Failed checks:
cat >main.tf <<'END'
resource "aws_security_group" "berths" {
  name        = "berths"
  description = "Berth planner"
  vpc_id      = "vpc-0a1b"

  ingress {
    description = "ssh"
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}
END
#%% step
checkov --file main.tf --compact --quiet --framework terraform --skip-download
