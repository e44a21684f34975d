# class: timeout
# tool: php-cli
# ecosystem: php
# step: Build sitemap
# needs: apt:php-cli
# proof: Maximum execution time of 5 seconds exceeded
printf '<?php\nset_time_limit(5);\n$seen = 0;\nwhile (true) {\n    $seen = ($seen * 31 + 7) %% 65521;\n}\n' >sitemap.php
#%% step
php -d display_errors=0 -d log_errors=1 sitemap.php
