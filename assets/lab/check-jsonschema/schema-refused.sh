# class: network-error
# tool: check-jsonschema
# ecosystem: ci
# step: Validate settings
# needs: pip:check-jsonschema==0.29.3
# proof: Connection refused
printf '{ "region": "eu" }\n' >settings.json
#%% step
check-jsonschema --schemafile http://127.0.0.1:8933/settings.schema.json settings.json
