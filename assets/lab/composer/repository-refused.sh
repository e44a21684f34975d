# class: network-error
# tool: composer
# ecosystem: php
# step: Install PHP dependencies
# needs: apt:composer apt:php-cli
# proof: Connection refused
cat >composer.json <<'END'
{
    "name": "harbor/portal",
    "config": {"secure-http": false},
    "repositories": [{"type": "composer", "url": "http://127.0.0.1:18175"}, {"packagist.org": false}],
    "require": {"harbor/theme": "^2.0"}
}
END
#%% step
composer update --no-interaction --no-progress
