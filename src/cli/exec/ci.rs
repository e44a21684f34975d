//! What CI systems say of the run they are in, by their environment variables.

use crate::config::Environment;

/// The run, as far as it is known. Every text as it was found; the record's rules judge it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct CiRun {
    pub ci_tool: Option<&'static str>,
    pub host: Option<String>,
    pub repository: Option<String>,
    pub run_id: Option<i64>,
    pub job_id: Option<i64>,
    pub attempt: Option<i64>,
    pub workflow: Option<String>,
    pub job: Option<String>,
    pub head_sha: Option<String>,
    pub branch: Option<String>,
    pub author: Option<String>,
    pub url: Option<String>,
}

/// How a system's variables are read.
type Reader = fn(&Variables<'_>) -> CiRun;

impl CiRun {
    /// Reads the variables of the first system that is there.
    pub(super) fn of(environment: &Environment) -> Self {
        let variables = Variables(environment);
        let systems: [(&str, Reader); 6] = [
            ("GITHUB_ACTIONS", github),
            ("GITLAB_CI", gitlab),
            ("BUILDKITE", buildkite),
            ("CIRCLECI", circleci),
            ("TF_BUILD", azure),
            ("JENKINS_URL", jenkins),
        ];
        let present = systems
            .into_iter()
            .find(|(marker, _)| variables.text(&[marker]).is_some());
        present.map_or_else(Self::default, |(_, read)| read(&variables))
    }
}

struct Variables<'a>(&'a Environment);

impl Variables<'_> {
    /// The first of these that says something.
    fn text(&self, names: &[&str]) -> Option<String> {
        let mut values = names.iter().filter_map(|name| self.0.get(*name));
        values.find(|value| !value.trim().is_empty()).cloned()
    }

    fn number(&self, name: &str) -> Option<i64> {
        self.text(&[name])?.trim().parse().ok().filter(|number| *number > 0)
    }
}

/// <https://docs.github.com/en/actions/reference/workflows-and-actions/variables>
fn github(variables: &Variables<'_>) -> CiRun {
    let server = variables.text(&["GITHUB_SERVER_URL"]);
    let (repository, run) = (
        variables.text(&["GITHUB_REPOSITORY"]),
        variables.number("GITHUB_RUN_ID"),
    );
    let page = |server: &String| Some(format!("{server}/{}/actions/runs/{}", repository.as_ref()?, run?));
    CiRun {
        ci_tool: Some("github-actions"),
        host: server.as_deref().and_then(host),
        url: server.as_ref().and_then(page),
        run_id: run,
        attempt: variables.number("GITHUB_RUN_ATTEMPT"),
        workflow: variables.text(&["GITHUB_WORKFLOW"]),
        job: variables.text(&["GITHUB_JOB"]),
        head_sha: variables.text(&["GITHUB_SHA"]),
        branch: variables.text(&["GITHUB_HEAD_REF", "GITHUB_REF_NAME"]),
        author: variables.text(&["GITHUB_ACTOR"]),
        repository,
        ..CiRun::default()
    }
}

/// <https://docs.gitlab.com/ci/variables/predefined_variables/>
fn gitlab(variables: &Variables<'_>) -> CiRun {
    CiRun {
        ci_tool: Some("gitlab-ci"),
        host: variables.text(&["CI_SERVER_HOST"]),
        repository: variables.text(&["CI_PROJECT_PATH"]),
        run_id: variables.number("CI_PIPELINE_ID"),
        job_id: variables.number("CI_JOB_ID"),
        workflow: variables.text(&["CI_PIPELINE_NAME", "CI_PIPELINE_SOURCE"]),
        job: variables.text(&["CI_JOB_NAME"]),
        head_sha: variables.text(&["CI_COMMIT_SHA"]),
        branch: variables.text(&["CI_MERGE_REQUEST_SOURCE_BRANCH_NAME", "CI_COMMIT_REF_NAME"]),
        author: variables.text(&["GITLAB_USER_LOGIN"]),
        url: variables.text(&["CI_JOB_URL"]),
        ..CiRun::default()
    }
}

/// <https://buildkite.com/docs/pipelines/configure/environment-variables>
fn buildkite(variables: &Variables<'_>) -> CiRun {
    let remote = variables.text(&["BUILDKITE_REPO"]);
    let build = variables.text(&["BUILDKITE_BUILD_URL"]);
    let page = |build: String| match variables.text(&["BUILDKITE_JOB_ID"]) {
        Some(job) => format!("{build}#{job}"),
        None => build,
    };
    CiRun {
        ci_tool: Some("buildkite"),
        host: remote.as_deref().and_then(host),
        repository: remote.as_deref().and_then(repository),
        run_id: variables.number("BUILDKITE_BUILD_NUMBER"),
        attempt: variables
            .text(&["BUILDKITE_RETRY_COUNT"])
            .as_deref()
            .and_then(attempt_after),
        workflow: variables.text(&["BUILDKITE_PIPELINE_NAME", "BUILDKITE_PIPELINE_SLUG"]),
        job: variables.text(&["BUILDKITE_LABEL", "BUILDKITE_STEP_KEY"]),
        head_sha: variables.text(&["BUILDKITE_COMMIT"]),
        branch: variables.text(&["BUILDKITE_BRANCH"]),
        author: variables.text(&["BUILDKITE_BUILD_AUTHOR", "BUILDKITE_BUILD_CREATOR"]),
        url: build.map(page),
        ..CiRun::default()
    }
}

/// So many retries make the next attempt.
fn attempt_after(retries: &str) -> Option<i64> {
    let retries: i64 = retries.trim().parse().ok()?;
    retries.checked_add(1)
}

/// <https://circleci.com/docs/reference/variables/>
fn circleci(variables: &Variables<'_>) -> CiRun {
    let owner = variables.text(&["CIRCLE_PROJECT_USERNAME"]);
    let name = variables.text(&["CIRCLE_PROJECT_REPONAME"]);
    CiRun {
        ci_tool: Some("circleci"),
        host: variables.text(&["CIRCLE_REPOSITORY_URL"]).as_deref().and_then(host),
        repository: owner.zip(name).map(|(owner, name)| format!("{owner}/{name}")),
        run_id: variables.number("CIRCLE_BUILD_NUM"),
        workflow: variables.text(&["CIRCLE_WORKFLOW_NAME", "CIRCLE_WORKFLOW_ID"]),
        job: variables.text(&["CIRCLE_JOB"]),
        head_sha: variables.text(&["CIRCLE_SHA1"]),
        branch: variables.text(&["CIRCLE_BRANCH", "CIRCLE_TAG"]),
        author: variables.text(&["CIRCLE_USERNAME", "CIRCLE_PR_USERNAME"]),
        url: variables.text(&["CIRCLE_BUILD_URL"]),
        ..CiRun::default()
    }
}

/// <https://learn.microsoft.com/en-us/azure/devops/pipelines/build/variables>
fn azure(variables: &Variables<'_>) -> CiRun {
    let collection = variables.text(&["SYSTEM_TEAMFOUNDATIONCOLLECTIONURI", "SYSTEM_COLLECTIONURI"]);
    let (project, build) = (
        variables.text(&["SYSTEM_TEAMPROJECT"]),
        variables.number("BUILD_BUILDID"),
    );
    let page = |collection: &String| {
        let project = project.as_ref()?.replace(' ', "%20");
        let collection = collection.trim_end_matches('/');
        Some(format!("{collection}/{project}/_build/results?buildId={}", build?))
    };
    CiRun {
        ci_tool: Some("azure-pipelines"),
        host: variables.text(&["BUILD_REPOSITORY_URI"]).as_deref().and_then(host),
        url: collection.as_ref().and_then(page),
        repository: variables.text(&["BUILD_REPOSITORY_NAME"]),
        run_id: build,
        attempt: variables.number("SYSTEM_JOBATTEMPT"),
        workflow: variables.text(&["BUILD_DEFINITIONNAME"]),
        job: variables.text(&["SYSTEM_JOBDISPLAYNAME", "AGENT_JOBNAME"]),
        head_sha: variables.text(&["BUILD_SOURCEVERSION"]),
        branch: variables.text(&["SYSTEM_PULLREQUEST_SOURCEBRANCH", "BUILD_SOURCEBRANCHNAME"]),
        author: variables.text(&["BUILD_REQUESTEDFOR"]),
        ..CiRun::default()
    }
}

/// <https://www.jenkins.io/doc/book/pipeline/jenkinsfile/#using-environment-variables>, and the Git plugin's.
fn jenkins(variables: &Variables<'_>) -> CiRun {
    let remote = variables.text(&["GIT_URL", "GIT_URL_1"]);
    let branch = variables.text(&["CHANGE_BRANCH", "BRANCH_NAME", "GIT_BRANCH"]);
    CiRun {
        ci_tool: Some("jenkins"),
        host: remote.as_deref().and_then(host),
        repository: remote.as_deref().and_then(repository),
        run_id: variables.number("BUILD_NUMBER"),
        workflow: variables.text(&["JOB_NAME"]),
        job: variables.text(&["STAGE_NAME", "JOB_BASE_NAME"]),
        head_sha: variables.text(&["GIT_COMMIT"]),
        branch: branch.map(|branch| branch.strip_prefix("origin/").unwrap_or(&branch).to_owned()),
        author: variables.text(&["CHANGE_AUTHOR", "BUILD_USER_ID"]),
        url: variables.text(&["BUILD_URL"]),
        ..CiRun::default()
    }
}

/// Host and path of a remote: `https://user@host/owner/name.git`, `ssh://git@host:22/owner/name`, `git@host:owner/name.git`.
fn remote(url: &str) -> Option<(&str, &str)> {
    let (authority, path) = match url.split_once("://") {
        Some((_, rest)) => rest.split_once('/').unwrap_or((rest, "")),
        None => url.split_once(':')?,
    };
    let host = authority.rsplit('@').next()?;
    let host = host.split_once(':').map_or(host, |(host, _port)| host);
    Some((host, path.trim_matches('/')))
}

fn host(url: &str) -> Option<String> {
    remote(url)
        .map(|(host, _)| host.to_owned())
        .filter(|host| !host.is_empty())
}

fn repository(url: &str) -> Option<String> {
    let (_, path) = remote(url)?;
    let path = path.strip_suffix(".git").unwrap_or(path);
    (path.contains('/')).then(|| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn run(variables: &[(&str, &str)]) -> CiRun {
        let own = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        CiRun::of(&variables.iter().map(own).collect())
    }

    #[test]
    fn outside_of_ci_nothing_is_claimed() {
        assert_eq!(
            run(&[("GITHUB_REPOSITORY", "acme/app"), ("HOME", "/root")]),
            CiRun::default()
        );
    }

    #[test]
    fn a_run_of_github_is_named_with_its_page() {
        let found = run(&[
            ("GITHUB_ACTIONS", "true"),
            ("GITHUB_SERVER_URL", "https://github.com"),
            ("GITHUB_REPOSITORY", "acme/app"),
            ("GITHUB_RUN_ID", "9001"),
            ("GITHUB_RUN_ATTEMPT", "2"),
            ("GITHUB_JOB", "test"),
            ("GITHUB_HEAD_REF", ""),
            ("GITHUB_REF_NAME", "main"),
        ]);
        assert_eq!(found.host.as_deref(), Some("github.com"));
        assert_eq!((found.run_id, found.attempt), (Some(9001), Some(2)));
        assert_eq!(found.branch.as_deref(), Some("main"));
        assert_eq!(
            found.url.as_deref(),
            Some("https://github.com/acme/app/actions/runs/9001")
        );
    }

    #[test]
    fn every_system_tells_who_where_and_which() {
        for (variables, tool, repository, branch) in [
            (
                &[
                    ("GITLAB_CI", "true"),
                    ("CI_PROJECT_PATH", "acme/app"),
                    ("CI_COMMIT_REF_NAME", "main"),
                ][..],
                "gitlab-ci",
                "acme/app",
                "main",
            ),
            (
                &[
                    ("BUILDKITE", "true"),
                    ("BUILDKITE_REPO", "git@github.com:acme/app.git"),
                    ("BUILDKITE_BRANCH", "fix"),
                ],
                "buildkite",
                "acme/app",
                "fix",
            ),
            (
                &[
                    ("CIRCLECI", "true"),
                    ("CIRCLE_PROJECT_USERNAME", "acme"),
                    ("CIRCLE_PROJECT_REPONAME", "app"),
                    ("CIRCLE_BRANCH", "fix"),
                ],
                "circleci",
                "acme/app",
                "fix",
            ),
            (
                &[
                    ("TF_BUILD", "True"),
                    ("BUILD_REPOSITORY_NAME", "acme/app"),
                    ("BUILD_SOURCEBRANCHNAME", "main"),
                ],
                "azure-pipelines",
                "acme/app",
                "main",
            ),
            (
                &[
                    ("JENKINS_URL", "https://ci.acme.example/"),
                    ("GIT_URL", "ssh://git@git.acme.example:7999/acme/app.git"),
                    ("GIT_BRANCH", "origin/main"),
                ],
                "jenkins",
                "acme/app",
                "main",
            ),
        ] {
            let found = run(variables);
            assert_eq!(found.ci_tool, Some(tool));
            assert_eq!(found.repository.as_deref(), Some(repository), "{tool}");
            assert_eq!(found.branch.as_deref(), Some(branch), "{tool}");
        }
    }

    #[test]
    fn a_buildkite_retry_is_the_next_attempt() {
        let found = run(&[("BUILDKITE", "true"), ("BUILDKITE_RETRY_COUNT", "0")]);
        assert_eq!(found.attempt, Some(1));
    }

    #[test]
    fn a_remote_is_read_without_its_credentials() {
        for (url, host, name) in [
            ("https://token@github.com/acme/app.git", "github.com", "acme/app"),
            ("https://github.com/acme/app", "github.com", "acme/app"),
            ("git@gitlab.com:group/sub/app.git", "gitlab.com", "group/sub/app"),
        ] {
            assert_eq!(super::host(url).as_deref(), Some(host));
            assert_eq!(repository(url).as_deref(), Some(name));
        }
        assert_eq!(repository("/srv/git/app"), None);
    }
}
