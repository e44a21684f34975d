# class: configuration-error
# tool: dotenv-safe
# ecosystem: node
# step: Start integration server
# needs: npm:dotenv-safe@9.1.0
# proof: MissingEnvVarsError: The following variables were defined in .env.example but are not present in the environment:
cat >package.json <<'END'
{"name": "tide-gateway", "version": "3.0.2", "private": true, "dependencies": {"dotenv-safe": "9.1.0"}}
END
printf 'DATABASE_URL=\nSESSION_SECRET=\nTIDE_API_KEY=\n' >.env.example
printf 'DATABASE_URL=postgres://localhost/tides\n' >.env
printf "require('dotenv-safe').config();\nconsole.log('gateway up');\n" >server.js
#%% step
node server.js
