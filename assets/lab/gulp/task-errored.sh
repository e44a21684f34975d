# class: build-failure
# tool: gulp
# ecosystem: node
# step: Build assets
# needs: npm:gulp@5.0.1
# proof: 'styles' errored after
# proof: File not found with singular glob
echo '{"name": "harbor-theme", "version": "1.0.0", "private": true, "devDependencies": {"gulp": "5.0.1"}}' >package.json
cat >gulpfile.js <<'END'
const { src, dest, series } = require('gulp');

const clean = async () => {};
const styles = () => src('theme/main.css').pipe(dest('dist'));
exports.default = series(clean, styles);
END
#%% step
gulp
