/** The workspace made of the product's own guide, offered to who has none. */
export const SAMPLE_NAME = "Kosha guide";
