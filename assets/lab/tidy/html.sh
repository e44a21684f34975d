# class: build-failure
# tool: tidy
# ecosystem: docs
# step: Validate HTML
# needs: apt:tidy
# proof: Warning: missing </ul>
printf '<!DOCTYPE html>\n<html lang="en">\n<head><title>Depots</title></head>\n<body>\n<ul><li>Basel<li>Olten\n<p>Two depots</p>\n</body>\n</html>\n' >index.html
#%% step
tidy -errors -quiet index.html
