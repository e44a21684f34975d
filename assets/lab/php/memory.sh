# class: resource-exhaustion
# tool: php-cli
# ecosystem: php
# step: Warm cache
# needs: apt:php-cli
# proof: PHP Fatal error:  Allowed memory size of 33554432 bytes exhausted
cat >warm.php <<'END'
<?php
$pages = [];
foreach (range(1, 500) as $number) {
    $pages[] = str_repeat("page $number ", 20000);
}
echo count($pages), " pages\n";
END
#%% step
php -d memory_limit=32M -d display_errors=0 -d log_errors=1 warm.php
