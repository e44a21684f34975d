# class: build-failure
# tool: phpcs
# ecosystem: php
# step: Code style
# needs: apt:php-codesniffer apt:php-cli apt:php-xml
# proof: Opening brace should be on a new line
mkdir src
printf '<?php\n\nfunction total(array $rows): int {\n\treturn array_sum($rows);\n}\n' >src/total.php
#%% step
phpcs --standard=PSR2 --no-colors src
