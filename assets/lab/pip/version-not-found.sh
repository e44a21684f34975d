# class: dependency-error
# tool: pip
# ecosystem: python
# step: Install dependencies
# needs: pip:pip==25.3
# proof: Could not find a version that satisfies the requirement celery==5.4.9
# proof: No matching distribution found for celery==5.4.9
cat >requirements.txt <<'END'
flask==3.0.3
sqlalchemy==2.0.36
celery==5.4.9
gunicorn==23.0.0
END
#%% step
pip install -r requirements.txt
