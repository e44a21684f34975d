# class: build-failure
# tool: php-lint
# ecosystem: php
# step: Syntax check
# needs: apt:php-cli
# proof: PHP Parse error:  syntax error, unexpected token "return" in src/Slot.php on line 6
mkdir src
printf '<?php\n\nfunction slot(int $hour): int\n{\n    $slot = intdiv($hour, 4)\n    return $slot;\n}\n' >src/Slot.php
sed -i 's/^$/\n/' src/Slot.php
sed -i '2d' src/Slot.php
#%% step
for file in src/*.php; do php -d display_errors=0 -d log_errors=1 -l "$file"; done
