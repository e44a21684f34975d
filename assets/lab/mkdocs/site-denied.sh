# class: permission-error
# tool: mkdocs
# ecosystem: docs
# step: Publish docs
# needs: pip:mkdocs==1.6.1
# user: nobody
# proof: PermissionError: [Errno 13] Permission denied: '/srv/docs'
mkdir docs
printf 'site_name: Courier\n' >mkdocs.yml
printf '# Courier\n' >docs/index.md
#%% step
mkdocs build --site-dir /srv/docs
