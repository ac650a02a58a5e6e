const systemContainers = [
  "proxmoxve:index/containerLegacy:ContainerLegacy",
  "proxmoxve:CT/container:Container",
] as const;

const virtualMachines = [
  "proxmoxve:index/vmLegacy:VmLegacy",
  "proxmoxve:index/vm:Vm",
  "proxmoxve:index/vm2Legacy:Vm2Legacy",
  "proxmoxve:cloned/vm:Vm",
  "proxmoxve:cloned/vmLegacy:VmLegacy",
  "proxmoxve:VM/virtualMachine:VirtualMachine",
] as const;

/** Whether a type token is among some. */
export const isOneOf = (tokens: readonly string[], type: string): boolean => tokens.includes(type);

/** Type tokens that policies judge, as the providers' SDKs name them. Version 8 of the Proxmox provider renamed some. */
export const types = {
  accounts: [
    "proxmoxve:index/userLegacy:UserLegacy",
    "proxmoxve:index/groupLegacy:GroupLegacy",
    "proxmoxve:Permission/user:User",
    "proxmoxve:Permission/group:Group",
  ],
  acls: ["proxmoxve:index/acl:Acl", "proxmoxve:index/aclLegacy:AclLegacy"],
  acmeCertificates: ["proxmoxve:acme/certificate:Certificate", "proxmoxve:acme/certificateLegacy:CertificateLegacy"],
  acmePlugins: ["proxmoxve:acme/dns/plugin:Plugin", "proxmoxve:acme/dns/pluginLegacy:PluginLegacy"],
  apiTokens: ["proxmoxve:user/token:Token", "proxmoxve:user/tokenLegacy:TokenLegacy"],
  /** Begins the types of Authentik's objects, which are this project's own. */
  authentik: "pulumi-nodejs:dynamic/authentik",
  backupJobs: ["proxmoxve:backup/job:Job", "proxmoxve:backup/jobLegacy:JobLegacy"],
  builtImages: ["docker:index/image:Image", "docker-build:index:Image"],
  certificateRequest: "tls:index/certRequest:CertRequest",
  command: "command:remote:Command",
  container: "docker:index/container:Container",
  dockerProvider: "pulumi:providers:docker",
  downloads: [
    "proxmoxve:download/file:File",
    "proxmoxve:download/fileLegacy:FileLegacy",
    "proxmoxve:Download/file:File",
  ],
  /** Begins the types of the services' objects, by module: `pulumi-nodejs:dynamic/harbor:Project`. */
  dynamic: "pulumi-nodejs:dynamic",
  edge: "homelab:edge:Edge",
  hostDirectory: "pulumi-nodejs:dynamic/host:Directory",
  hostFile: "pulumi-nodejs:dynamic/host:File",
  inventory: "homelab:host:Inventory",
  locallySignedCert: "tls:index/locallySignedCert:LocallySignedCert",
  network: "docker:index/network:Network",
  nodeDns: "proxmoxve:index/dnsLegacy:DnsLegacy",
  ociImages: ["proxmoxve:oci/image:Image", "proxmoxve:oci/imageLegacy:ImageLegacy"],
  openIdRealms: ["proxmoxve:realm/openid:Openid", "proxmoxve:realm/openidLegacy:OpenidLegacy"],
  pki: "homelab:pki:Pki",
  pools: ["proxmoxve:index/poolLegacy:PoolLegacy", "proxmoxve:Permission/pool:Pool"],
  privateKey: "tls:index/privateKey:PrivateKey",
  proxmoxProvider: "pulumi:providers:proxmoxve",
  randomPassword: "random:index/randomPassword:RandomPassword",
  registry: "homelab:registry:Registry",
  registryContents: "homelab:registry:Contents",
  registryImage: "docker:index/registryImage:RegistryImage",
  remoteImage: "docker:index/remoteImage:RemoteImage",
  roles: ["proxmoxve:index/roleLegacy:RoleLegacy", "proxmoxve:Permission/role:Role"],
  selfSignedCert: "tls:index/selfSignedCert:SelfSignedCert",
  servedCertificate: "homelab:edge:ServedCertificate",
  sshHost: "homelab:host:SshHost",
  sso: "homelab:sso:Sso",
  ssoAccess: "homelab:sso:Access",
  toolingVm: "homelab:host:ToolingVm",
  uploads: ["proxmoxve:index/fileLegacy:FileLegacy", "proxmoxve:Storage/file:File"],
  /** Whatever Proxmox runs. */
  guests: [...virtualMachines, ...systemContainers],
  /** LXC; not to be confused with Docker's containers. */
  systemContainers,
  virtualMachines,
  volume: "docker:index/volume:Volume",
} as const;
