# class: test-failure
# tool: behave
# ecosystem: python
# step: Acceptance tests
# needs: pip:behave==1.2.6
# proof: Assertion Failed: basket costs 1200, not 1080
mkdir -p features/steps
cat >features/basket.feature <<'END'
Feature: Basket

  Scenario: Members get ten percent
    Given a member
    When they buy 3 tickets at 400 cents
    Then the basket costs 1080 cents
END
cat >features/steps/basket.py <<'END'
from behave import given, then, when


@given("a member")
def member(context):
    context.member = True


@when("they buy {count:d} tickets at {cents:d} cents")
def buy(context, count, cents):
    context.total = count * cents


@then("the basket costs {cents:d} cents")
def costs(context, cents):
    assert context.total == cents, f"basket costs {context.total}, not {cents}"
END
#%% step
behave --no-color
