# class: dependency-error
# tool: composer
# ecosystem: php
# step: Composer install
# needs: apt:composer apt:php-cli
# proof: Your requirements could not be resolved to an installable set of packages.
# proof: Problem 1
mkdir -p packages/mailer packages/templates
cat >packages/mailer/composer.json <<'END'
{"name": "harbor/mailer", "version": "3.0.0", "require": {"harbor/templates": "^2.0"}}
END
cat >packages/templates/composer.json <<'END'
{"name": "harbor/templates", "version": "1.9.4"}
END
cat >composer.json <<'END'
{
    "name": "harbor/newsletter",
    "repositories": [{"type": "path", "url": "packages/*"}, {"packagist.org": false}],
    "require": {"harbor/mailer": "^3.0", "harbor/templates": "^1.9"}
}
END
#%% step
composer install --no-interaction --no-progress
