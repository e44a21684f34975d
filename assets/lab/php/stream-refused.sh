# class: network-error
# tool: php-cli
# ecosystem: php
# step: Import prices
# needs: apt:php-cli
# proof: Failed to open stream: Connection refused
printf '<?php\n$prices = file_get_contents("http://127.0.0.1:8941/prices.csv");\nif ($prices === false) {\n    fwrite(STDERR, "no prices\\n");\n    exit(3);\n}\n' >import.php
#%% step
php -d display_errors=0 -d log_errors=1 import.php
