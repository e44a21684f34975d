# class: configuration-error
# tool: uvicorn
# ecosystem: python
# step: Start API
# needs: pip:uvicorn==0.38.0
# proof: ERROR:    Error loading ASGI app. Could not import module "app.main".
mkdir app
: >app/__init__.py
echo 'async def app(scope, receive, send): ...' >app/api.py
#%% step
uvicorn app.main:app --host 127.0.0.1 --port 18183
