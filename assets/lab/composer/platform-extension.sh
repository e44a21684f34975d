# class: dependency-error
# tool: composer
# ecosystem: php
# step: Install PHP packages
# needs: apt:composer apt:php-cli
# proof: requires ext-mongodb ^1.15 -> it is missing from your system.
mkdir -p packages/store
cat >packages/store/composer.json <<'END'
{"name": "harbor/store", "version": "1.4.0", "require": {"php": ">=8.1", "ext-mongodb": "^1.15"}}
END
cat >composer.json <<'END'
{
    "name": "harbor/archive",
    "repositories": [{"type": "path", "url": "packages/*"}, {"packagist.org": false}],
    "require": {"harbor/store": "^1.4"}
}
END
#%% step
composer update --no-interaction --no-progress --prefer-dist
