//! The catalog of services that comes with a token, and the choice of an endpoint in it.

use serde::Deserialize;
use url::Url;

use crate::config::ServiceEntry;
use crate::endpoints::Service;

/// What a token's catalog holds
/// (<https://docs.openstack.org/api-ref/identity/v3/#password-authentication-with-scoped-authorization>).
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(super) struct Catalog(Vec<CatalogService>);

#[derive(Debug, Deserialize)]
struct CatalogService {
    #[serde(rename = "type", default)]
    kind: String,
    name: Option<String>,
    #[serde(default)]
    endpoints: Vec<Endpoint>,
}

#[derive(Debug, Deserialize)]
struct Endpoint {
    #[serde(default)]
    interface: String,
    region: Option<String>,
    region_id: Option<String>,
    #[serde(default)]
    url: String,
}

impl Endpoint {
    fn is_in(&self, region: Option<&str>) -> bool {
        let Some(region) = region else { return true };
        [&self.region, &self.region_id].into_iter().any(|own| own.as_deref() == Some(region))
    }
}

impl Catalog {
    /// The endpoint of a service that is configured; if there is none, what there is instead.
    pub(super) fn find(&self, service: Service, wanted: &ServiceEntry) -> Result<Url, String> {
        if let Some(endpoint) = &wanted.endpoint {
            return Ok(of_version(service, endpoint.clone()));
        }
        let region = wanted.region.as_deref();
        let named = |candidate: &&CatalogService| match &wanted.name {
            Some(name) => candidate.name.as_ref() == Some(name),
            None => true,
        };
        let of_kind = || self.0.iter().filter(|one| one.kind == wanted.kind).filter(named);
        let endpoints: Vec<&Endpoint> = of_kind().flat_map(|one| &one.endpoints).collect();
        let fits = |interface: &String| {
            endpoints.iter().find(|e| e.interface == *interface && e.is_in(region))
        };
        let Some(found) = wanted.interfaces.iter().find_map(fits) else {
            return Err(self.missing(wanted, &endpoints));
        };
        let url = Url::parse(&found.url).map_err(|error| {
            format!("the catalog says that {service} is at {:?}: {error}", found.url)
        })?;
        Ok(of_version(service, url))
    }

    fn missing(&self, wanted: &ServiceEntry, endpoints: &[&Endpoint]) -> String {
        let mut text = format!(
            "the token's catalog has no {} endpoint with interface {}",
            wanted.kind,
            wanted.interfaces.join(" or ")
        );
        if let Some(region) = &wanted.region {
            text.push_str(&format!(" in region {region:?}"));
        }
        if self.0.is_empty() {
            text.push_str("; it is empty: is the token for a project (project_name)?");
        } else if endpoints.is_empty() {
            let mut kinds: Vec<&str> = self.0.iter().map(|one| one.kind.as_str()).collect();
            kinds.sort_unstable();
            text.push_str(&format!("; it has {}", kinds.join(", ")));
        } else {
            let one = |e: &&Endpoint| {
                let region = e.region.as_deref().or(e.region_id.as_deref()).unwrap_or("?");
                format!("{} in {region:?}", e.interface)
            };
            let all: Vec<String> = endpoints.iter().map(one).collect();
            text.push_str(&format!("; it has {}", all.join(", ")));
        }
        text
    }
}

/// The address below which a service's API is. Of Nova that is its version 2.1, which is where catalogs of old name
/// version 2 or none.
fn of_version(service: Service, mut url: Url) -> Url {
    let mut segments: Vec<&str> = url.path().split('/').filter(|part| !part.is_empty()).collect();
    let version = |part: &&str| {
        part.strip_prefix('v').is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_digit()))
    };
    match service {
        Service::Nova => match segments.iter().position(version) {
            Some(place) => {
                if segments[place] == "v2" {
                    segments[place] = "v2.1";
                }
            }
            None => segments.push("v2.1"),
        },
        Service::Placement | Service::Keystone => {}
    }
    let path = format!("/{}", segments.join("/"));
    url.set_path(&path);
    url.set_query(None);
    url
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn wanted(interfaces: &[&str], region: Option<&str>) -> ServiceEntry {
        ServiceEntry {
            interfaces: interfaces.iter().map(|name| (*name).to_owned()).collect(),
            region: region.map(str::to_owned),
            endpoint: None,
            kind: "compute".to_owned(),
            name: None,
            rate: None,
            concurrency: None,
        }
    }

    fn catalog() -> Catalog {
        let endpoint = |interface: &str, region: &str| {
            json!({"interface": interface, "region": region,
            "url": format!("http://{interface}.{region}/v2.1")})
        };
        serde_json::from_value(json!([
            {"type": "identity", "name": "keystone", "endpoints": []},
            {"type": "compute", "name": "nova", "endpoints": [
                endpoint("public", "north"), endpoint("internal", "north"), endpoint("internal", "south")]},
        ]))
        .unwrap()
    }

    #[test]
    fn interface_and_region_choose_and_the_first_interface_that_is_there_is_taken() {
        let find = |interfaces: &[&str], region| {
            catalog().find(Service::Nova, &wanted(interfaces, region)).map(|url| url.to_string())
        };
        assert_eq!(find(&["public"], None).unwrap(), "http://public.north/v2.1");
        assert_eq!(find(&["internal"], Some("south")).unwrap(), "http://internal.south/v2.1");
        assert_eq!(find(&["admin", "internal"], None).unwrap(), "http://internal.north/v2.1");
        assert_eq!(
            find(&["public"], Some("south")).unwrap_err(),
            "the token's catalog has no compute endpoint with interface public in region \"south\"; it has public in \
             \"north\", internal in \"north\", internal in \"south\""
        );
        let mut other = wanted(&["public"], None);
        other.kind = "placement".to_owned();
        assert_eq!(
            catalog().find(Service::Placement, &other).unwrap_err(),
            "the token's catalog has no placement endpoint with interface public; it has compute, identity"
        );
    }

    #[test]
    fn novas_address_is_that_of_its_version() {
        for (in_catalog, used) in [
            ("http://n/compute/v2.1", "http://n/compute/v2.1"),
            ("http://n/compute/v2.1/", "http://n/compute/v2.1"),
            ("http://n/v2.1/4f2a", "http://n/v2.1/4f2a"),
            ("http://n:8774/v2/4f2a/", "http://n:8774/v2.1/4f2a"),
            ("http://n/compute", "http://n/compute/v2.1"),
            ("http://n:8774/", "http://n:8774/v2.1"),
            ("http://n/compute//v2.1", "http://n/compute/v2.1"),
        ] {
            let url = of_version(Service::Nova, Url::parse(in_catalog).unwrap());
            assert_eq!(url.as_str(), used, "{in_catalog}");
        }
        let placement = Url::parse("http://n/placement/").unwrap();
        assert_eq!(of_version(Service::Placement, placement).as_str(), "http://n/placement");
    }
}
