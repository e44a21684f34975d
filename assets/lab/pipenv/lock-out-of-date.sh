# class: dependency-error
# tool: pipenv
# ecosystem: python
# step: Install from Pipfile.lock
# needs: pip:pipenv==2025.0.4
# proof: Pipfile.lock
cat >Pipfile <<'END'
[[source]]
url = "https://pypi.org/simple"
verify_ssl = true
name = "pypi"

[packages]
requests = "*"
tenacity = "~=9.0"
END
cat >Pipfile.lock <<'END'
{
    "_meta": {
        "hash": {
            "sha256": "3a1e6b8c2d94f07a5e1b6c8d2f40a97e3b5c1d8e6f7a2b4c9d0e1f3a5b7c9d1e"
        },
        "pipfile-spec": 6,
        "requires": {},
        "sources": [{"name": "pypi", "url": "https://pypi.org/simple", "verify_ssl": true}]
    },
    "default": {
        "requests": {"version": "==2.32.3"}
    },
    "develop": {}
}
END
#%% step
pipenv install --deploy --ignore-pipfile --python /usr/bin/python3 || pipenv verify
