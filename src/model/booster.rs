//! LightGBM behind a safe interface: fit, score, explain, save, load.
//!
//! The crate's own wrapper overflows the heap in `predict_contrib` on multiclass models and has no callback per round,
//! so this file speaks to the C interface itself. It is the only one with `unsafe`.
//!
//! Ke et al., "LightGBM: A Highly Efficient Gradient Boosting Decision Tree", `NeurIPS` 2017; contributions are exact
//! SHAP values of trees: Lundberg et al., "Consistent Individualized Feature Attribution for Tree Ensembles", 2018.
#![expect(unsafe_code, reason = "the C interface of LightGBM; the reasons stand at each use")]

use std::ffi::{CStr, CString, c_char, c_int, c_void};
use std::ops::ControlFlow;
use std::ptr;
use std::sync::{Mutex, Once, PoisonError};

use lightgbm3_sys as ffi;

use super::forest::Forest;
use crate::class::CLASS_COUNT;

/// What LightGBM refused, in its words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("LightGBM: {0}")]
pub struct BoosterError(String);

/// A fitted model of [`CLASS_COUNT`] classes.
#[derive(Debug)]
pub struct Booster {
    /// Every call of LightGBM goes through this lock: its predictions change buffers behind the handle.
    inner: Mutex<Handle>,
    /// The same trees, for single rows.
    forest: Forest,
    features: usize,
}

#[derive(Debug)]
struct Handle(ffi::BoosterHandle);

// SAFETY: the handles are plain heap objects of LightGBM without ties to a thread; they are reached only through the
// mutex above, so one thread at a time uses them.
unsafe impl Send for Handle {}

impl Drop for Handle {
    fn drop(&mut self) {
        // SAFETY: it came from LightGBM, is freed once, and is not used after this.
        unsafe {
            ffi::LGBM_BoosterFree(self.0);
        }
    }
}

/// A training set under LightGBM's hands.
struct Dataset(ffi::DatasetHandle);

impl Drop for Dataset {
    fn drop(&mut self) {
        // SAFETY: the handle came from LightGBM and is freed once.
        unsafe {
            ffi::LGBM_DatasetFree(self.0);
        }
    }
}

/// Rows to fit on.
#[derive(Debug, Clone, Copy)]
pub struct Rows<'a> {
    /// Row-major, `labels.len()` rows.
    pub matrix: &'a [f32],
    /// Class index of each row.
    pub labels: &'a [f32],
    /// How much each row counts.
    pub weights: &'a [f32],
}

/// How to fit.
#[derive(Debug, Clone, PartialEq)]
pub struct FitSettings {
    /// LightGBM's parameters, as `key=value` separated by spaces.
    pub parameters: String,
    /// Boosting rounds; each adds one tree a class.
    pub rounds: usize,
}

impl Booster {
    /// Fits a model. `each_round` is told the number of every finished round and may stop the fit.
    ///
    /// # Errors
    /// When the rows do not fit together, or LightGBM refuses them; when stopped: with the rounds so far.
    pub fn fit(
        rows: Rows<'_>,
        settings: &FitSettings,
        each_round: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Self, BoosterError> {
        quiet();
        let features = columns(rows)?;
        let parameters = training_parameters(settings)?;
        let dataset = dataset(rows, features, &parameters)?;
        let handle = boost(&dataset, &parameters, settings.rounds, each_round)?;
        Self::reread(&handle)
    }

    /// Boosts this model further, on other rows: its trees stay as they are, and new ones mend what they leave.
    ///
    /// # Errors
    /// As [`Self::fit`].
    pub fn boosted_further(
        &self,
        rows: Rows<'_>,
        settings: &FitSettings,
        each_round: &mut dyn FnMut(usize) -> ControlFlow<()>,
    ) -> Result<Self, BoosterError> {
        let features = columns(rows)?;
        self.check_length(&rows.matrix[..features])?;
        let parameters = training_parameters(settings)?;
        let dataset = dataset(rows, features, &parameters)?;
        let start = self.raw_scores(rows)?;
        // SAFETY: one value a row and class, which are copied; their number is given.
        check(unsafe {
            ffi::LGBM_DatasetSetField(
                dataset.0,
                c"init_score".as_ptr(),
                start.as_ptr().cast::<c_void>(),
                c_size(start.len())?,
                constant(ffi::C_API_DTYPE_FLOAT64),
            )
        })?;
        let handle = boost(&dataset, &parameters, settings.rounds, each_round)?;
        let before = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: two live boosters; the trees of the second are copied in front of those of the first.
        check(unsafe { ffi::LGBM_BoosterMerge(handle.0, before.0) })?;
        Self::reread(&handle)
    }

    /// The raw scores of many rows, class by class, as LightGBM takes them to start from.
    fn raw_scores(&self, rows: Rows<'_>) -> Result<Vec<f64>, BoosterError> {
        let count = rows.labels.len();
        let mut by_row = vec![0.0_f64; count * CLASS_COUNT];
        let parameters = c_string("num_threads=1 verbosity=-1")?;
        let mut written = 0_i64;
        let handle = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: rows of the model's own length (checked by the caller); a raw prediction writes one value a row and class.
        check(unsafe {
            ffi::LGBM_BoosterPredictForMat(
                handle.0,
                rows.matrix.as_ptr().cast(),
                constant(ffi::C_API_DTYPE_FLOAT32),
                c_size(count)?,
                c_size(self.features)?,
                1,
                constant(ffi::C_API_PREDICT_RAW_SCORE),
                0,
                -1,
                parameters.as_ptr(),
                &raw mut written,
                by_row.as_mut_ptr(),
            )
        })?;
        let class = |class: usize| by_row.iter().skip(class).step_by(CLASS_COUNT).copied();
        Ok((0..CLASS_COUNT).flat_map(class).collect())
    }

    /// What is served is what was saved: the text rounds no scores, and reading it back proves it is whole.
    fn reread(handle: &Handle) -> Result<Self, BoosterError> {
        Self::from_text(&save(handle)?)
    }

    /// Reads a model that [`Self::to_text`] wrote.
    ///
    /// # Errors
    /// When LightGBM cannot read it, or it has another number of classes.
    pub fn from_text(text: &str) -> Result<Self, BoosterError> {
        quiet();
        let handle = load(text)?;
        let (mut features, mut classes) = (0, 0);
        // SAFETY: a live booster and two integers to write to.
        check(unsafe { ffi::LGBM_BoosterGetNumFeature(handle.0, &raw mut features) })?;
        // SAFETY: as above.
        check(unsafe { ffi::LGBM_BoosterGetNumClasses(handle.0, &raw mut classes) })?;
        if usize::try_from(classes) != Ok(CLASS_COUNT) {
            return Err(BoosterError(format!(
                "the model has {classes} classes, not {CLASS_COUNT}"
            )));
        }
        let features = usize::try_from(features).unwrap_or(0);
        Ok(Self {
            inner: Mutex::new(handle),
            forest: Forest::from_text(text, features).map_err(BoosterError)?,
            features,
        })
    }

    /// How many inputs it has.
    #[must_use]
    pub const fn features(&self) -> usize {
        self.features
    }

    /// The model as text, complete.
    ///
    /// # Errors
    /// When LightGBM cannot write it.
    pub fn to_text(&self) -> Result<String, BoosterError> {
        save(&self.inner.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// One probability a class; they sum to 1.
    ///
    /// # Errors
    /// When the row has not one value an input.
    pub fn predict(&self, row: &[f32]) -> Result<[f64; CLASS_COUNT], BoosterError> {
        self.check_length(row)?;
        Ok(self.forest.scores(row))
    }

    /// Exact SHAP contributions to the raw score of each class: for each class one value an input, then the base.
    ///
    /// # Errors
    /// When the row has not one value an input.
    pub fn contributions(&self, row: &[f32]) -> Result<Vec<Vec<f64>>, BoosterError> {
        self.check_length(row)?;
        let kind = constant(ffi::C_API_PREDICT_CONTRIB);
        let handle = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        let mut needed = 0_i64;
        // SAFETY: a live booster and an integer to write to.
        check(unsafe { ffi::LGBM_BoosterCalcNumPredict(handle.0, 1, kind, 0, -1, &raw mut needed) })?;
        let expected = CLASS_COUNT * (self.features + 1);
        if usize::try_from(needed) != Ok(expected) {
            return Err(BoosterError(format!(
                "{needed} contributions announced, {expected} expected"
            )));
        }
        let mut out = vec![0.0; expected];
        let parameters = c_string("num_threads=1 verbosity=-1")?;
        let mut written = 0_i64;
        // SAFETY: one row of the model's own length; `out` has exactly the room LightGBM asked for.
        check(unsafe {
            ffi::LGBM_BoosterPredictForMat(
                handle.0,
                row.as_ptr().cast(),
                constant(ffi::C_API_DTYPE_FLOAT32),
                1,
                c_size(self.features)?,
                1,
                kind,
                0,
                -1,
                parameters.as_ptr(),
                &raw mut written,
                out.as_mut_ptr(),
            )
        })?;
        Ok(out.chunks(self.features + 1).map(<[f64]>::to_vec).collect())
    }

    /// Total gain of the splits on each input.
    ///
    /// # Errors
    /// When LightGBM cannot say.
    pub fn importance(&self) -> Result<Vec<f64>, BoosterError> {
        let mut out = vec![0.0; self.features];
        let handle = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        // SAFETY: `out` has one place an input, which is what is written.
        check(unsafe {
            ffi::LGBM_BoosterFeatureImportance(
                handle.0,
                -1,
                constant(ffi::C_API_FEATURE_IMPORTANCE_GAIN),
                out.as_mut_ptr(),
            )
        })?;
        Ok(out)
    }

    fn check_length(&self, row: &[f32]) -> Result<(), BoosterError> {
        if row.len() == self.features {
            return Ok(());
        }
        Err(BoosterError(format!(
            "a row of {} values for a model of {} inputs",
            row.len(),
            self.features
        )))
    }
}

fn training_parameters(settings: &FitSettings) -> Result<CString, BoosterError> {
    c_string(&format!(
        "objective=multiclass num_class={CLASS_COUNT} num_threads=1 deterministic=true force_row_wise=true verbosity=-1 {}",
        settings.parameters
    ))
}

fn boost(
    dataset: &Dataset,
    parameters: &CStr,
    rounds: usize,
    each_round: &mut dyn FnMut(usize) -> ControlFlow<()>,
) -> Result<Handle, BoosterError> {
    let mut booster = ptr::null_mut();
    // SAFETY: the caller's dataset outlives the training below; the string is NUL-terminated.
    check(unsafe { ffi::LGBM_BoosterCreate(dataset.0, parameters.as_ptr(), &raw mut booster) })?;
    let handle = Handle(booster);
    for round in 1..=rounds {
        let mut finished: c_int = 0;
        // SAFETY: a live booster whose dataset is alive.
        check(unsafe { ffi::LGBM_BoosterUpdateOneIter(handle.0, &raw mut finished) })?;
        if each_round(round).is_break() {
            return Err(BoosterError(format!("stopped after round {round}")));
        }
        if finished != 0 {
            break;
        }
    }
    Ok(handle)
}

fn columns(rows: Rows<'_>) -> Result<usize, BoosterError> {
    let count = rows.labels.len();
    if count == 0 || rows.weights.len() != count || !rows.matrix.len().is_multiple_of(count) {
        return Err(BoosterError(format!(
            "{count} labels, {} weights and {} values do not make a table",
            rows.weights.len(),
            rows.matrix.len()
        )));
    }
    Ok(rows.matrix.len() / count)
}

fn dataset(rows: Rows<'_>, features: usize, parameters: &CStr) -> Result<Dataset, BoosterError> {
    let mut handle = ptr::null_mut();
    // SAFETY: the matrix has rows x columns values (checked in `columns`); LightGBM copies what it needs.
    check(unsafe {
        ffi::LGBM_DatasetCreateFromMat(
            rows.matrix.as_ptr().cast(),
            constant(ffi::C_API_DTYPE_FLOAT32),
            c_size(rows.labels.len())?,
            c_size(features)?,
            1,
            parameters.as_ptr(),
            ptr::null_mut(),
            &raw mut handle,
        )
    })?;
    let dataset = Dataset(handle);
    field(&dataset, c"label", rows.labels)?;
    field(&dataset, c"weight", rows.weights)?;
    Ok(dataset)
}

fn field(dataset: &Dataset, name: &CStr, values: &[f32]) -> Result<(), BoosterError> {
    // SAFETY: the values are copied; their number is given.
    check(unsafe {
        ffi::LGBM_DatasetSetField(
            dataset.0,
            name.as_ptr(),
            values.as_ptr().cast::<c_void>(),
            c_size(values.len())?,
            constant(ffi::C_API_DTYPE_FLOAT32),
        )
    })
}

fn load(text: &str) -> Result<Handle, BoosterError> {
    let text = c_string(text)?;
    let mut booster = ptr::null_mut();
    let mut rounds = 0;
    // SAFETY: a NUL-terminated string that is read during the call only.
    check(unsafe { ffi::LGBM_BoosterLoadModelFromString(text.as_ptr(), &raw mut rounds, &raw mut booster) })?;
    Ok(Handle(booster))
}

fn save(handle: &Handle) -> Result<String, BoosterError> {
    let importance = constant(ffi::C_API_FEATURE_IMPORTANCE_GAIN);
    let mut buffer: Vec<u8> = Vec::new();
    // The first call tells the length, the second one writes.
    for _ in 0..2 {
        let mut length = 0_i64;
        let room = i64::try_from(buffer.len()).unwrap_or(i64::MAX);
        // SAFETY: LightGBM writes at most `room` bytes into the buffer and tells how many it has.
        check(unsafe {
            ffi::LGBM_BoosterSaveModelToString(
                handle.0,
                0,
                -1,
                importance,
                room,
                &raw mut length,
                buffer.as_mut_ptr().cast::<c_char>(),
            )
        })?;
        if length <= room {
            break;
        }
        buffer.resize(usize::try_from(length).unwrap_or(0), 0);
    }
    let end = buffer.iter().position(|&byte| byte == 0).unwrap_or(buffer.len());
    buffer.truncate(end);
    String::from_utf8(buffer).map_err(|error| BoosterError(error.to_string()))
}

/// Gives free memory back to the system. A fit takes hundreds of megabytes in small pieces; what it has freed stays with the
/// process otherwise, since a few pieces of others lie between.
pub fn release_free_memory() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        unsafe extern "C" {
            /// Of the C library; safe at any time: it takes its own locks, and touches no memory that is in use.
            safe fn malloc_trim(left_at_the_top: usize) -> c_int;
        }
        malloc_trim(0);
    }
}

/// LightGBM prints to stdout, where MCP and `--json` speak: its messages are dropped. Its errors come as return codes.
fn quiet() {
    static ONCE: Once = Once::new();
    unsafe extern "C" fn drop_message(_message: *const c_char) {}
    ONCE.call_once(|| {
        // SAFETY: the callback reads nothing and lives as long as the program.
        unsafe {
            ffi::LGBM_RegisterLogCallback(Some(drop_message));
        }
    });
}

fn check(code: c_int) -> Result<(), BoosterError> {
    if code == 0 {
        return Ok(());
    }
    // SAFETY: LightGBM keeps a NUL-terminated message of the last error of this thread.
    let message = unsafe { CStr::from_ptr(ffi::LGBM_GetLastError()) };
    Err(BoosterError(message.to_string_lossy().into_owned()))
}

fn c_string(text: &str) -> Result<CString, BoosterError> {
    CString::new(text).map_err(|_nul| BoosterError("the text holds a NUL byte".to_owned()))
}

fn c_size(size: usize) -> Result<c_int, BoosterError> {
    c_int::try_from(size).map_err(|_large| BoosterError(format!("{size} is too many for LightGBM")))
}

/// The header's constants are small and positive.
const fn constant(value: u32) -> c_int {
    value.cast_signed()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use proptest::strategy::ValueTree;

    use super::*;

    fn toy() -> Booster {
        fit_or_boost(None, 0.0)
    }

    /// Fits rows whose classes are told by the first value, `moved` by so much, or boosts a model on them.
    fn fit_or_boost(before: Option<&Booster>, moved: f32) -> Booster {
        let (mut matrix, mut labels) = (Vec::new(), Vec::new());
        for row in 0..400_u16 {
            let class = row % 10;
            matrix.extend([
                f32::from(class) + moved,
                f32::from(row % 7),
                if row % 3 == 0 { f32::NAN } else { 1.0 },
            ]);
            labels.push(f32::from(class));
        }
        let weights = vec![1.0; labels.len()];
        let settings = FitSettings {
            parameters: "min_data_in_leaf=5 learning_rate=0.3 lambda_l2=1".into(),
            rounds: 12,
        };
        let rows = Rows {
            matrix: &matrix,
            labels: &labels,
            weights: &weights,
        };
        let each_round = &mut |_| ControlFlow::Continue(());
        match before {
            None => Booster::fit(rows, &settings, each_round),
            Some(before) => before.boosted_further(rows, &settings, each_round),
        }
        .expect("a fit")
    }

    #[test]
    fn boosting_further_learns_the_new_rows_and_starts_from_the_old_trees() {
        let (before, row) = (toy(), [3.0, 1.0, 1.0]);
        let same = fit_or_boost(Some(&before), 0.0);
        assert!(same.predict(&row).expect("scores")[3] > before.predict(&row).expect("scores")[3]);
        let moved = fit_or_boost(Some(&before), 1.0);
        let third = |booster: &Booster| booster.predict(&row).expect("scores")[3];
        assert!(third(&moved) < third(&before), "3 is class 2 now");
        let trees = |booster: &Booster| booster.to_text().expect("text").matches("Tree=").count();
        assert_eq!(trees(&moved), 2 * trees(&before));
    }

    #[test]
    fn contributions_sum_to_the_raw_score_of_each_class() {
        let booster = toy();
        let row = [4.0, 2.0, f32::NAN];
        let scores = booster.predict(&row).expect("scores");
        let raw: Vec<f64> = booster
            .contributions(&row)
            .expect("contributions")
            .iter()
            .map(|c| c.iter().sum())
            .collect();
        let total: f64 = raw.iter().map(|score| score.exp()).sum();
        for (class, score) in raw.iter().enumerate() {
            assert!((score.exp() / total - scores[class]).abs() < 1e-9);
        }
    }

    #[test]
    fn a_saved_model_scores_as_the_one_that_was_saved() {
        let booster = toy();
        let text = booster.to_text().expect("text");
        let again = Booster::from_text(&text).expect("a model");
        assert_eq!(again.predict(&[3.0, 1.0, 1.0]), booster.predict(&[3.0, 1.0, 1.0]));
        assert_eq!(again.to_text().expect("text"), text);
    }

    /// LightGBM's own probabilities of a row.
    fn alone(booster: &Booster, row: &[f32]) -> Vec<f64> {
        let text = booster.to_text().expect("text");
        let alone = lightgbm3::Booster::from_string(&text).expect("a model");
        let columns = i32::try_from(row.len()).expect("few");
        alone.predict(row, columns, true).expect("scores")
    }

    proptest! {
        /// Values near the toy's thresholds, and those that are special to LightGBM.
        #[test]
        fn a_row_scores_as_in_lightgbm_itself_to_the_last_bit(
            row in proptest::array::uniform3(prop_oneof![
                4 => (-1.0_f32..11.0).prop_map(|value| (value * 2.0).round() / 2.0),
                1 => -1.0_f32..11.0,
                1 => prop::sample::select(vec![f32::NAN, 0.0, -0.0, 1e-36, -1e-36, f32::INFINITY, f32::NEG_INFINITY]),
            ]),
        ) {
            thread_local!(static TOY: Booster = toy());
            TOY.with(|toy| {
                let scores = toy.predict(&row).expect("scores");
                prop_assert_eq!(scores.to_vec(), alone(toy, &row));
                Ok(())
            })?;
        }
    }

    #[test]
    fn the_shipped_model_scores_as_in_lightgbm_itself_to_the_last_bit() {
        let packed = include_bytes!("../../models/shipped/model.txt.zst");
        let text = String::from_utf8(zstd::decode_all(&packed[..]).expect("zstd")).expect("text");
        let booster = Booster::from_text(&text).expect("a model");
        let reference = lightgbm3::Booster::from_string(&text).expect("a model");
        let mut runner = proptest::test_runner::TestRunner::deterministic();
        let value = prop_oneof![
            Just(f32::NAN),
            Just(0.0),
            -3.0_f32..3.0,
            0.0_f32..20.0,
            0.0_f32..2_000.0
        ];
        let row = prop::collection::vec(value, booster.features());
        for _ in 0..500 {
            let row = row.new_tree(&mut runner).expect("a row").current();
            let columns = i32::try_from(row.len()).expect("few");
            let expected = reference.predict(&row, columns, true).expect("scores");
            assert_eq!(booster.predict(&row).expect("scores").to_vec(), expected);
        }
    }

    #[test]
    fn a_row_of_another_length_is_refused() {
        assert!(toy().predict(&[1.0]).is_err());
        assert!(toy().contributions(&[1.0; 9]).is_err());
    }

    #[test]
    fn a_broken_model_is_refused() {
        assert!(Booster::from_text("tree\nnonsense").is_err());
        assert!(Booster::from_text("").is_err());
    }

    #[test]
    fn a_fit_can_be_stopped() {
        let rows = Rows {
            matrix: &[0.0; 40],
            labels: &[0.0; 40],
            weights: &[1.0; 40],
        };
        let settings = FitSettings {
            parameters: String::new(),
            rounds: 3,
        };
        assert!(Booster::fit(rows, &settings, &mut |_| ControlFlow::Break(())).is_err());
    }
}
