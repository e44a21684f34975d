# class: dependency-error
# tool: pip
# ecosystem: python
# step: Install Python packages
# needs: pip:pip==25.3
# proof: because these package versions have conflicting dependencies.
# proof: ERROR: ResolutionImpossible:
cat >requirements.txt <<'END'
django==3.2.25
djangorestframework==3.14.0
django-filter==24.3
END
#%% step
pip install --no-cache-dir -r requirements.txt
