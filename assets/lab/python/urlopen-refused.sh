# class: network-error
# tool: python
# ecosystem: python
# step: Fetch model card
# needs: apt:python3
# proof: urllib.error.URLError: <urlopen error [Errno 111] Connection refused>
printf 'import json\nimport urllib.request\n\nwith urllib.request.urlopen("http://127.0.0.1:8939/api/card", timeout=10) as answer:\n    print(json.load(answer)["version"])\n' >card.py
#%% step
python3 card.py
