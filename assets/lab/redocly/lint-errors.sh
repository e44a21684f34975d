# class: build-failure
# tool: redocly
# ecosystem: node
# step: Lint API description
# needs: npm:@redocly/cli@1.34.20
# proof: Can't resolve $ref
cat >openapi.yaml <<'END'
openapi: 3.1.0
info: {title: Berths, version: 4.1.0, license: {name: MIT, url: 'https://mit.example'}}
servers: [{url: 'https://api.harbor.example'}]
paths:
  /berths:
    get:
      operationId: listBerths
      summary: Berths of a harbor
      security: []
      responses:
        '200':
          description: Berths
          content:
            application/json:
              schema: {$ref: '#/components/schemas/BerthList'}
        '400': {description: Bad request}
components:
  schemas:
    Berth: {type: object}
END
#%% step
redocly lint openapi.yaml
