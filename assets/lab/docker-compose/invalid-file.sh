# class: configuration-error
# tool: docker-compose
# ecosystem: containers
# step: Validate compose file
# needs: apt:docker-compose
# proof: services.api.ports contains an invalid type, it should be an array
# proof: Unsupported config option for services.cache: 'heathcheck'
cat >docker-compose.yml <<'END'
version: "3.7"
services:
  api:
    image: registry.harbor.example/berth-api:4.1.0
    ports: "8080:8080"
  cache:
    image: redis:7
    heathcheck:
      test: ["CMD", "redis-cli", "ping"]
END
#%% step
docker-compose -f docker-compose.yml config --quiet
