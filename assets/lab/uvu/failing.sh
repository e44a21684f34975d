# class: test-failure
# tool: uvu
# ecosystem: node
# step: Unit tests
# needs: npm:uvu@0.5.6
# proof: FAIL  fees  "reduces the fee of residents"
# proof: Expected values to be strictly equal
echo '{"name": "fees", "version": "0.4.0", "private": true, "devDependencies": {"uvu": "0.5.6"}}' >package.json
mkdir tests
cat >tests/fees.js <<'END'
const { suite } = require('uvu');
const assert = require('uvu/assert');

const fee = (metres, resident) => metres * (resident ? 2 : 2.5);
const fees = suite('fees');
fees('charges guests by length', () => assert.is(fee(10, false), 25));
fees('reduces the fee of residents', () => assert.is(fee(10, true), 18));
fees.run();
END
#%% step
uvu tests
