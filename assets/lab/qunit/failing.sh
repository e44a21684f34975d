# class: test-failure
# tool: qunit
# ecosystem: node
# step: npm test
# needs: npm:qunit@2.24.1
# proof: not ok 2 tides > spring tide
# proof: # fail 1
echo '{"name": "tidecalc", "version": "2.0.0", "private": true, "devDependencies": {"qunit": "2.24.1"}}' >package.json
mkdir test
cat >test/tides.js <<'END'
const height = (moon) => (moon === 'full' ? 3.9 : 2.1);

QUnit.module('tides', () => {
  QUnit.test('neap tide', (assert) => assert.equal(height('half'), 2.1));
  QUnit.test('spring tide', (assert) => assert.equal(height('full'), 4.2, 'height in metres'));
});
END
#%% step
qunit
