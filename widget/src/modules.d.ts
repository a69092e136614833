declare module "*.css" {
  const text: string;
  export default text;
}

declare module "phone-metadata" {
  import type { MetadataJson } from "libphonenumber-js/core";
  const metadata: MetadataJson;
  export default metadata;
}
