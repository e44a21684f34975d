# class: test-failure
# tool: phpunit
# ecosystem: php
# step: Unit tests
# needs: apt:phpunit apt:php-cli
# proof: Failed asserting that 19 is identical to 20.
mkdir tests
cat >tests/AgeTest.php <<'END'
<?php

use PHPUnit\Framework\TestCase;

final class AgeTest extends TestCase
{
    private static function age(string $born, string $today): int
    {
        return (int) substr($today, 0, 4) - (int) substr($born, 0, 4) - 1;
    }

    public function testBeforeTheBirthday(): void
    {
        self::assertSame(19, self::age('2004-09-01', '2024-03-01'));
    }

    public function testAfterTheBirthday(): void
    {
        self::assertSame(20, self::age('2004-02-01', '2024-03-01'));
    }
}
END
#%% step
phpunit --colors=never tests
