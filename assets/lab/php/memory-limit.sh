# class: resource-exhaustion
# tool: php
# ecosystem: php
# step: Import catalogue
# needs: apt:php-cli
# proof: PHP Fatal error:  Allowed memory size of 33554432 bytes exhausted
cat >import.php <<'END'
<?php
$rows = [];
for ($row = 1; ; $row++) {
    $rows[] = ['id' => $row, 'name' => str_repeat("berth $row ", 20)];
    if ($row % 20000 === 0) {
        echo "read $row rows\n";
    }
}
END
#%% step
php -d memory_limit=32M -d display_errors=0 -d log_errors=1 import.php
