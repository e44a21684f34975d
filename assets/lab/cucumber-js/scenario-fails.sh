# class: test-failure
# tool: cucumber-js
# ecosystem: node
# step: Acceptance tests
# needs: npm:@cucumber/cucumber@11.3.0
# proof: AssertionError [ERR_ASSERTION]
# proof: 2 scenarios (1 failed, 1 passed)
echo '{"name": "berth-rules", "version": "1.0.0", "private": true, "devDependencies": {"@cucumber/cucumber": "11.3.0"}}' >package.json
mkdir -p features/support
cat >features/draught.feature <<'END'
Feature: Draught of ships
  Scenario: A small ship
    Given a berth of 8 metres
    When a ship of 6 metres asks
    Then the answer is "yes"

  Scenario: A deep ship at low water
    Given a berth of 8 metres
    When a ship of 8 metres asks
    Then the answer is "no"
END
cat >features/support/steps.js <<'END'
const assert = require('node:assert');
const { Given, When, Then } = require('@cucumber/cucumber');

Given('a berth of {int} metres', function (depth) { this.depth = depth; });
When('a ship of {int} metres asks', function (draught) { this.answer = draught <= this.depth ? 'yes' : 'no'; });
Then('the answer is {string}', function (answer) { assert.strictEqual(this.answer, answer); });
END
#%% step
cucumber-js --format progress
